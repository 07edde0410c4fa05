"""The files of an exported network."""

WEIGHTS, ABOUT, LOADER, PROGRAM = "network.safetensors", "network.json", "load.py", "network.pt2"
FORMAT = 1  # of network.json; grows when a reader would misread it
MEAN, SD, TEMPERATURE, NETWORK = "input.mean", "input.sd", "temperature", "network."
