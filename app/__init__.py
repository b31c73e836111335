"""The ways in to the zoo: one server (pages, widgets, REST) and the command line. Importing this loads nothing."""

import models  # noqa: F401  first of all: it switches telemetry off
