"""What happens to whole arrays in a loop: accumulated into, or private."""
