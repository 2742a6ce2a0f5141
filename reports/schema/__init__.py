"""The interop schema, in the forms that it has had."""
