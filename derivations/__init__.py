"""Printed derivations as claims: a folder for each document, and `library` for the formulas of `manual_grads`.

| folder | document |
|---|---|
| `deriving_backpropagation` | 000, "Deriving the backpropagation algorithm" |
| `backpropagation_algorithm` | 001, "Backpropagation Algorithm" |
| `after_nielsen` | 002, a derivation with the cost and the notation of Nielsen's first two chapters |
| `watters_2024` | 003, "Backpropagation", Gregor Hartl Watters, February 2024 |
| `feedforward_lecture` | 004, "Feedforward Neural Networks", a lecture |

A document's folder has a module for each section, named by the section's subject, with claims in the order of the
lines. A claim reads like its line and keeps the document's own conventions; its id is the number of the document and
of the line. `_conventions.py` holds the document's name, layout of derivatives and network, `statements.json` the ids
and lines of all statements, and other files with an underscore what several sections of the document use. What two
documents say in the same words is in `_words.py`; a formula that a document prints stays with that document, so that
no claim compares a formula with itself.

"The derivative by w" is the derivative with respect to w.
"""
