"""Document 003, "Backpropagation" (Watters, 2024): networks with one hidden layer, and with N, and a linear output.

Vectors are columns. The loss is the squared error of one example, without 1/2. The derivative of a number by a vector
is a column in section 1 and a row in section 2, and by a matrix has the shape of the matrix.
"""
