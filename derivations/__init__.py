"""Printed derivations as claims, one package per document and one module per section, and the claims about the
formulas of `manual_grads` in `derivations.library`.

A claim stands where the text prints its statement, reads like the line, and keeps the document's own conventions.
"""
