"""Hypotheses and conventions that several statements of the topic share, worded once."""

from __future__ import annotations

from relutheory.domain import IntegerSet, Parameter, RealSet, WidthsSet
from relutheory.references import Source
from relutheory.symbols import L, N, delta, widths

H_ROW = (
    "H-row: the rows [w, b] are independent over rows and layers, each row is symmetric, (w, b) ~ -(w, "
    "b), and P(w.h + b = 0) = 0 for every fixed h != 0"
)
H_ENTRY = (
    "H-entry: all scalar entries are independent and symmetric without point masses (any scale; laws may "
    "differ between entries)"
)
SYMMETRIC_ENTRIES = "symmetric entries: all scalar entries are independent and symmetric; atoms are allowed"
ZERO_BIAS = "zero bias: all biases are 0"
SINGLE_POINT = (
    "single point: D = {x} with x != 0 if the biases are zero, or zero bias and D inside the open ray of x"
)
ADMISSIBLE = "admissible point: D contains a point, nonzero if the biases are zero"
TWO_SIDED = "two-sided: the input dimension is 1 and D has points on both sides of 0"
EQUAL_WIDTHS = "equal widths: all L - 1 hidden layers have width N"
DEPTH = "depth convention: L counts affine maps; the ReLU layers are 1..L-1 and N_l is the width of layer l"
DEAD = (
    "dead: a unit is dead on D if its preactivation is <= 0 on all of D, a layer if its output is 0 on "
    "all of D"
)

ONE_DIMENSIONAL = (H_ENTRY, ZERO_BIAS, TWO_SIDED, DEPTH, DEAD)

PAPER = Source("LuShinSuKarniadakis2020", "re-derived")
NEW = Source("LuShinSuKarniadakis2020", "new here")

WIDTHS = Parameter("widths", widths, WidthsSet(), "hidden widths N_1..N_(L-1)")
WIDTH = Parameter("N", N, IntegerSet(1), "common hidden width")
DEPTH_L = Parameter("L", L, IntegerSet(2), "number of affine maps")
DEPTH_L1 = Parameter("L", L, IntegerSet(1), "number of affine maps")
DELTA = Parameter("delta", delta, RealSet(), "admitted born-dead probability")
