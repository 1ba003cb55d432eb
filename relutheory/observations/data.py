"""The handwritten digits that scikit-learn ships, cut and standardised."""

from __future__ import annotations

from relutheory.errors import MissingExtraError
from relutheory.simulate.checks import real, whole
from relutheory.simulate.classifiers import Classification

__all__ = ["digits"]


def digits(*, split_seed: int = 0, test_share: float = 0.3) -> Classification:
    """Return 1797 images of 8 x 8 pixels with ten classes, in a part to train on and a part held out.

    The cut keeps the proportions of the classes. Every pixel has mean 0 and variance 1 on the training part;
    pixels that are constant there are only shifted.

    Parameters
    ----------
    split_seed : int
        Of the cut, in 0..2^32 - 1.
    test_share : float
        Share that is held out, in [0.05, 0.95].

    Returns
    -------
    Classification

    Raises
    ------
    DomainError
        If a parameter is outside its domain.
    MissingExtraError
        If scikit-learn is not installed.

    Examples
    --------
    >>> data = digits()
    >>> data.train_x.shape, data.test_x.shape, data.classes
    ((1257, 64), (540, 64), 10)
    """
    seed = whole("split_seed", split_seed, 0, 2**32 - 1)
    share = real("test_share", test_share, 0.05, 0.95)
    try:
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split
        from sklearn.preprocessing import StandardScaler
    except ImportError as error:
        raise MissingExtraError("the digits need scikit-learn: pip install 'relutheory[data]'") from error
    x, labels = load_digits(return_X_y=True)
    train_x, test_x, train_labels, test_labels = train_test_split(
        x, labels, test_size=share, random_state=seed, stratify=labels
    )
    scaler = StandardScaler().fit(train_x)
    return Classification(
        scaler.transform(train_x), train_labels, scaler.transform(test_x), test_labels, classes=10
    )
