"""Document 004, "Feedforward Neural Networks", a lecture: gradients of a network with any activation, and a softmax."""
