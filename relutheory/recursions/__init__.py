"""Recursions as objects: formulas that print, iterate with certified digits and run on arrays.

Examples
--------
>>> import relutheory as rt
>>> learning = rt.recursions.relu_teacher([0, 1], eta="1/10")
>>> learning
<Recursion ReLU teacher: theta_star = 0,1, eta = 1/10, m = 0, S = 1>
>>> [x.digits(12) for x in learning.iterate(["-1/10", "-1/2"], 1000)]
['-0.319757316286', '-0.104837924891']
>>> learning.is_stable([0, 1])
True
"""

from relutheory.recursions.basins import Basins, Fate, basins, certified_fate
from relutheory.recursions.linear import Multiplier
from relutheory.recursions.orbit import CertifiedOrbit
from relutheory.recursions.recursion import Recursion, from_expressions
from relutheory.recursions.units import affine_teacher, bias_only, relu_teacher, zero_target

__all__ = [
    "Basins",
    "CertifiedOrbit",
    "Fate",
    "Multiplier",
    "Recursion",
    "affine_teacher",
    "basins",
    "bias_only",
    "certified_fate",
    "from_expressions",
    "relu_teacher",
    "zero_target",
]
