//! JSONPath as client-go's util/jsonpath, for -o jsonpath and custom-columns.
