"""Vision models that learn to see without real images, from image programs rendered live."""
