"""Document 002, "Backpropagation derivation", in the manner of Nielsen: one example, half the squared error.

Vectors are columns, the derivative of a number by a vector is a column, and of a vector by a vector the transposed
Jacobian, with a column for each component; that by a matrix has the matrix's shape. ByLayer count from 1, with weights
and biases from 2.
"""
