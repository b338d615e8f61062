"""Networks of convolutions that classify images: part 6 of the checklist."""
