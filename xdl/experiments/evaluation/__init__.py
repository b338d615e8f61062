"""How far a measure can be trusted, and what it hides: splits, folds, curves of learning, errors of both kinds."""
