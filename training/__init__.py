"""Training: from data sets to checkpoints. Importing this loads nothing."""

import models  # noqa: F401  first of all: it switches telemetry off
