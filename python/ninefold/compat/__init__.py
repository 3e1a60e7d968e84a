"""In: names that are no part of TensorFlow's public API but imported by known packages. Out: ours."""
