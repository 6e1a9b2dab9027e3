"""Engine `opengl`: any OpenGL 3.3 driver, or Mesa on the CPU, without a display."""

from phosphene.engines.opengl.engine import OpenGLEngine

__all__ = ["OpenGLEngine"]
