"""Pictures of a user, from files to what a model of images takes."""
