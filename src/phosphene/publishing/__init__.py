"""What was learned, in a form that others can use: a folder that timm loads, with a model card."""

from phosphene.publishing.weights import publish

__all__ = ["publish"]
