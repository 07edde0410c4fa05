"""Labels that a file changes: `./photos:labels=fixes.csv`, which `suspects --write` or the page of `verify` wrote.

What people say takes the place of a given label. What predictions suggest is trained on, and nothing else: held-out
numbers, estimates and selection stay against the given label. Files of images, rows and arrays are never written to.
"""
