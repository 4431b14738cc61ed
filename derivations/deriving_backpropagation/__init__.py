"""Document 000, "Deriving the backpropagation algorithm": regressions and networks.

Vectors are columns; the derivative of a number by a vector is a row, of a vector by a vector a matrix with a row for
each component, and of a number by a parameter an array of the parameter's shape. Losses are sums over observations.
"""
