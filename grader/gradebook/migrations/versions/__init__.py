"""A script a version. Each stands for itself: the tables and messages of today are not those of then."""
