"""The engine `graph`: a step of training is recorded once as a CUDA graph, and then replayed by one launch.

`docs/engine.md` says how it works.
"""
