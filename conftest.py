"""Loads the plugins, nothing else."""

pytest_plugins = ["proof.plugin"]
