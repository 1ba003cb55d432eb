r"""Captions of the figures, in LaTeX."""

from __future__ import annotations

from relutheory.report.runs import (
    CURVE_CONFIDENCE,
    LEARNER_RUNS,
    LEARNER_TIME,
    OBSERVED_EPOCHS,
    OBSERVED_NETWORKS,
)

__all__ = [
    "BASIN",
    "DEPTH",
    "GATED_RATES",
    "GATES",
    "PORTRAIT",
    "RAI_DEPTH",
    "REGION",
    "SLOW_DOWN",
    "TRAINING",
    "UNIT_RANGE",
    "WIDTH",
    "ensembles",
    "observed",
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
SLOW_DOWN = (
    r"Time to converge of a unit near its solution over that of a linear unit, $1/\lambda_-(h^*)$, against "
    r"the activation probability $P^* = \Phi(h^*)$ of the \emph{solution}, from certified values; dashed the "
    r"naive $1/P^*$. For $h^* = -a \to -\infty$ the two differ by a factor that grows like $a^4$. The "
    r"initial weights play no part."
)
PORTRAIT = (
    r"Mean drift of a unit with one input and a ReLU teacher (star, $b^* = 0$, $w^* = 1$), with trajectories "
    r"of the mean map at $\eta = 1/4$ (dots: starts). Starts in the safe ball converge (\texttt{safe-ball}); "
    r"those in the trapping set die (\texttt{trapping-set-1d}); on the dead set nothing moves."
)
BASIN = (
    r"Fate of units of two inputs with a ReLU teacher ($b^* = 0$, $|w^*| = |w_0| = 1$, $\eta = 1/4$) by the "
    r"angle between the initial weights and the teacher's and by the initial margin. Certified: proven by "
    r"\texttt{safe-ball}; observed: mean map in double precision, which is no proof."
)


def ensembles(*, samples: int, seed: int) -> str:
    """Caption of the ensembles of single units."""
    return (
        r"Mean map and ensembles of stochastic runs of a unit with 4 inputs: affine teachers with margin "
        r"$h^*$, $|w^*| = 1$, noise $0.1$, start $b_0 = 0$, $|w_0| = 1$ at a right angle to the teacher's. "
        rf"Above: mean bias at $\eta = 0.05$ with {CURVE_CONFIDENCE * 100:g}\,\% intervals (bands, hardly "
        r"wider than the lines) and mean map. Below: distance of the mean unit from the mean map. It is the "
        r"error of replacing $\operatorname{E} g(\theta)$ by $g(\operatorname{E}\theta)$; it falls with "
        r"$\eta$ and is largest where the solution is rarely open (Table~\ref{tab:mean-field-gap}). "
        rf"{min(samples, LEARNER_RUNS)} runs each, to time {LEARNER_TIME}, seed {seed}."
    )


def observed(*, networks: int, steps: int) -> str:
    """Caption of the open probabilities of trained networks."""
    return (
        r"Mean open probability of the units of a hidden layer before and after training on handwritten "
        r"digits, with exact 99\,\% intervals of the median over networks; 6 hidden layers of 32 units, He's "
        rf"initialisation, {min(networks, OBSERVED_NETWORKS)} networks of each kind, "
        rf"{min(steps, OBSERVED_EPOCHS)} passes over the training set (Tables~\ref{{tab:observed}} "
        r"and~\ref{tab:observations}). The published observations are about networks without skip "
        r"connections on another task; this small experiment neither proves nor refutes them."
    )
