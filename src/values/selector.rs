//! Label and field selectors. Models apimachinery/pkg/labels and pkg/fields.
