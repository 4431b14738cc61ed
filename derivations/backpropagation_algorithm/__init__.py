"""Document 001, "Backpropagation Algorithm": networks with weight decay, by units and by matrices.

Layers are numbered from 1, the inputs, to n_l; vectors are columns, and W^(l) and b^(l) lead from layer l to layer
l + 1. The loss of an example is half the squared error, and that of m examples their mean.
"""
