r"""Captions of the figures, in LaTeX."""

from __future__ import annotations

from relutheory.report.runs import CURVE_CONFIDENCE

__all__ = [
    "DEPTH",
    "GATED_RATES",
    "GATES",
    "RAI_DEPTH",
    "REGION",
    "TRAINING",
    "UNIT_RANGE",
    "WIDTH",
    "simulated",
]


def simulated(*, samples: int, seed: int) -> str:
    """Sentences on samples, seed and error bars."""
    return (
        f"Simulated: {samples} samples for each width, seed {seed}; error bars: "
        rf"{CURVE_CONFIDENCE * 100:g}\,\% intervals, smaller than the markers where not seen."
    )


DEPTH = (
    r"Born-dead probability against depth $L$ (affine layers; $L-1$ hidden ReLU layers) for common widths "
    r"$N$: certified upper bound (every input set), certified lower bound and simulated values (Gaussian "
    r"weights, zero bias, input dimension 1, inputs on both sides of 0; deaths integrated out layer by "
    r"layer)."
)
WIDTH = (
    r"Born-dead probability against width $N$ at fixed depths $L$, logarithmic scale; networks, bounds and "
    r"simulation as in Figure~\ref{fig:depth}. The bounds decay as $(L-1)\,2^{-N}$ and $L(L-2)\,4^{-N}$: "
    r"the lower bound is no estimate of the truth."
)
REGION = (
    r"Safe operating region for an admitted born-dead probability (BDP) of $\delta = 0.1$ in the plane of "
    r"width $N$ and depth $L$ (affine layers), from certified integers. Up to $L_{\mathrm{max}}$ the "
    r"probability is at most $\delta$ for every input set; from $L_{\mathrm{bad}}$ on it exceeds $\delta$ "
    r"for inputs on both sides of 0 on the line with zero bias."
)
GATED_RATES = (
    r"Eigenvalues $\lambda_\pm$ of the gated Gram matrix over the activation probability $P = \Phi(h)$, "
    r"against the margin $h$, from certified values. Above: a nearly dead unit learns ever more slowly "
    r"along one direction; the shaded bracket $1/(a^4 + 9a^2 + 15/2) < \lambda_-/P < 1/(a^4 + 9a^2 + 2)$, "
    r"$a = -h \ge 0$, is narrower than the line in the tail. Below: the place of $P/\lambda_-$ in it."
)
GATES = (
    r"Probability $F_P(t) = \operatorname{E}\Phi(-tX)$ that a positive replaced entry $X \sim P$ does not "
    r"open a unit, for several laws of the replacing number, from certified values. Without replacement it "
    r"is $1/2$."
)
UNIT_RANGE = (
    r"Range of the dead probability $p(h)$ of a unit of an RAI layer over all inputs $h$ (shaded), against "
    r"the fan-in $n$: Beta(2, 1), default $\sigma_w$, from certified values. The worst case stays "
    r"$1/(2(n+1))$ below the $1/2$ of symmetric laws; the bound for any law is a little weaker."
)
RAI_DEPTH = (
    r"Born-dead probability of RAI networks (Beta(2, 1), default $\sigma_w$, first layer He) against depth "
    r"$L$ for common widths $N$: explicit upper bound for every input set, explicit lower bound and "
    r"simulated values at the input $x = 1$, beside the value of symmetric laws at one input. RAI changes "
    r"the rate at which the probability tends to 1, not the limit."
)
TRAINING = (
    r"Networks that are collapsed after training, by target and domain $[-r, r]^d$, with He's "
    r"initialisation and with RAI: our frequencies with exact 99\,\% intervals, and the percentages that "
    r"are reported second-hand (bars; Table~\ref{tab:training}). The radius that belongs to a reported "
    r"figure is not known, so it is drawn at each."
)
