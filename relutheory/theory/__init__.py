"""Statements, one package a topic."""
