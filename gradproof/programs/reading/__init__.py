"""What can be read off a program: what whole numbers are used for, and which functions have a derivative rule."""

from gradproof.programs.reading import integers as integers
from gradproof.programs.reading import ruled as ruled
