"""Tests of `workspace-auth`."""
