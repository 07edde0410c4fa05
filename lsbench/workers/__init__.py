"""Who trains a stack, and where: processes of this machine or a Ray cluster, each an engine of the table `engines`.

Claims share a results folder among runs, and `drive` writes the rows. How a stack is trained is `lsbench.training`.
"""
