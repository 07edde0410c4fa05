"""Looking at labels: which examples people are asked about, and what their answers say of labels and losses.

Designs and answers as files are in `rows.looks`, the pictures in `data.items`, the statistics in `statistics.looks`.
"""
