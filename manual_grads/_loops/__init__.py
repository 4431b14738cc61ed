"""The loops behind `training` and the fits: compiled, and run in pieces; between these the host may report or stop.

A function that is handed in is a static argument: it is compiled once for all pieces, and for all later runs of the
same function. What a loop carries is a *point*: the parameters with everything computed at them.
"""

from manual_grads._loops.descent import Batches as Batches
from manual_grads._loops.descent import minimise as minimise
from manual_grads._loops.descent import minimise_by_batches as minimise_by_batches
from manual_grads._loops.newton import Direction as Direction
from manual_grads._loops.newton import newton as newton
from manual_grads._loops.newton import noise as noise
from manual_grads._loops.run import Objective as Objective
from manual_grads._loops.run import Run as Run
