"""Training: from data sets to checkpoints. Importing this loads nothing."""

import models  # noqa: F401  first, because it switches telemetry off
