"""PyTorch's libraries for CPU, for the trainer of dyadic_service."""
