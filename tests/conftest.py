"""Puts the checkout on the path, so that every test can say ``from tests.world_factory import``.

(pytest does that for the parent folder of the package a conftest lives in.)
"""
