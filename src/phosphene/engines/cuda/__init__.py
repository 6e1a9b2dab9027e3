"""The engine `cuda`: programs as kernels, frames as tensors."""
