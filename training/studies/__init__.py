"""Studies of shipped models, recorded in their evaluation.json."""
