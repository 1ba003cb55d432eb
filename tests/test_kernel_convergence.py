"""What the kernel knows of convergence: factors that fall fast, and how fast others may grow."""

from __future__ import annotations

from typing import Any

from kernel_tools import n, q, refused, run, x, y
from sympy import Derivative, Integer, Integral, Rational, Symbol, exp, oo, sqrt

from proofs.certificates import Integrate, Linear, UnderIntegral, Unfold
from proofs.notation import eq, ge, gt, ne, step
from relutheory.functions import Phi, QuadrantMoment, TruncatedMoment, phi

v = Symbol("v", real=True)


def half_line(body: Any) -> Any:
    return Integral(body, (v, 0, oo))


class TestConvergence:
    """Fast factors at one end, and exponentials beside them."""

    def test_accepts(self) -> None:
        run(step("a", eq(half_line(2 * Phi(-v)), 2 * half_line(Phi(-v))), Linear()))
        run(step("a", eq(half_line(2 * exp(x * v) * Phi(-v)), 2 * half_line(exp(x * v) * Phi(-v))), Linear()))
        run(step("a", eq(half_line(2 * exp(x * v) * phi(v)), 2 * half_line(exp(x * v) * phi(v))), Linear()))
        whole = half_line(x * exp(-x * v) * Phi(-v) + exp(-x * v) * phi(v))
        run(step("a", eq(whole, Rational(1, 2)), Integrate(-exp(-x * v) * Phi(-v))))
        run(
            step(
                "a",
                eq(Derivative(half_line(exp(x * v) * phi(v)), x), half_line(v * exp(x * v) * phi(v))),
                UnderIntegral(),
            )
        )

    def test_refuses(self) -> None:
        def doubled(body: Any, low: Any = 0, high: Any = oo) -> Any:
            return eq(Integral(2 * body, (v, low, high)), 2 * Integral(body, (v, low, high)))

        # Phi tends to 1 at one of its ends.
        refused(step("a", doubled(Phi(v)), Linear()), match="vanish fast")
        refused(step("a", doubled(Phi(-v), -oo, 0), Linear()), match="vanish fast")
        refused(step("a", doubled(Phi(-v), -oo, oo), Linear()), match="vanish fast")
        run(step("a", doubled(Phi(v), -oo, 0), Linear()))
        refused(step("a", doubled(Phi(-x * v)), Linear()), match="vanish fast")
        refused(step("a", doubled(Phi(-(v**2))), Linear()), match="vanish fast")
        # Faster growth than exp of an affine term.
        refused(step("a", doubled(exp(v**2) * phi(v)), Linear()), match="growth")
        refused(step("a", doubled(exp(x * v**2) * Phi(-v)), Linear()), match="growth")
        refused(step("a", doubled(exp(-x * v)), Linear()), match="vanish fast")
        grows = half_line(x * exp(-x * v) * Phi(v) - exp(-x * v) * phi(v))
        refused(step("a", eq(grows, Rational(1, 2)), Integrate(-exp(-x * v) * Phi(v))))

    def test_slopes(self) -> None:
        """A slope that the hypotheses keep away from 0 is as good as a number."""

        def doubled(body: Any) -> Any:
            return eq(half_line(2 * body), 2 * half_line(body))

        run(step("a", doubled(phi(q * v)), Linear()))
        run(step("a", doubled(phi(x * v)), Linear(), ne(x, 0)))
        run(step("a", doubled(phi(v / sqrt(1 - x**2))), Linear(), gt(1 - x**2, 0)))
        run(step("a", doubled(Phi(-q * v)), Linear()))
        rate = half_line(-(v**2) * x * phi(x * v))
        run(step("a", eq(Derivative(half_line(phi(x * v)), x), rate), UnderIntegral(), gt(x, 0)))
        refused(step("a", doubled(phi(x * v)), Linear()), match="vanish fast")
        refused(step("a", doubled(phi(x * v)), Linear(), ge(x, 0)), match="vanish fast")
        refused(step("a", doubled(phi(x)), Linear()), match="vanish fast")
        refused(step("a", doubled(phi(x / (1 + v**2))), Linear()), match="vanish fast")
        refused(step("a", doubled(Phi(-x * v)), Linear(), ne(x, 0)), match="vanish fast")
        refused(step("a", doubled(Phi(q * v)), Linear()), match="vanish fast")

    def test_truncated_moments_are_bounded(self) -> None:
        body = v**2 * phi(v) * TruncatedMoment(n, x + v)
        run(step("a", eq(half_line(2 * body), 2 * half_line(body)), Linear()))
        bare = TruncatedMoment(n, x + v)
        refused(step("a", eq(half_line(2 * bare), 2 * half_line(bare)), Linear()), match="vanish fast")
        order = phi(v) * TruncatedMoment(v, x)
        refused(step("a", eq(half_line(2 * order), 2 * half_line(order)), Linear()), match="growth")


class TestQuadrantMeaning:
    """Moments over a quadrant: the second variable given the first."""

    spread = gt(1 - x**2, 0)
    root = sqrt(1 - x**2)
    far = (y + x * v) / root

    def over(self, inner: Any) -> Any:
        return Integral(v**n * phi(v) * inner, (v, -q, oo))

    def moment(self, order: int) -> Any:
        return QuadrantMoment(n, Integer(order), q, y, x)

    def test_accepts(self) -> None:
        zero, one = (TruncatedMoment(Integer(k), self.far) for k in (0, 1))
        run(step("a", eq(self.moment(0), self.over(zero)), Unfold(), self.spread))
        mixed = x * v * zero + self.root * one
        run(step("a", eq(self.moment(1), self.over(mixed)), Unfold(), self.spread))

    def test_refuses(self) -> None:
        zero, one = (TruncatedMoment(Integer(k), self.far) for k in (0, 1))
        for inner in (one, zero.subs(x, -x), TruncatedMoment(Integer(0), y + x * v), 2 * zero):
            refused(step("a", eq(self.moment(0), self.over(inner)), Unfold(), self.spread), match="meaning")
        wrong = x * v * zero + one
        refused(step("a", eq(self.moment(1), self.over(wrong)), Unfold(), self.spread), match="meaning")
        refused(step("a", eq(self.moment(0), self.over(zero)), Unfold()))
        refused(step("a", eq(self.moment(2), self.over(zero)), Unfold(), self.spread), match="order")
