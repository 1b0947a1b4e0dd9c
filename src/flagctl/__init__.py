"""flagctl keeps feature flags honest, from the day they are written to the day their code is gone."""

__version__ = "0.1.0"
