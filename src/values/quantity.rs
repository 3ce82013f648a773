//! Quantities: 500Mi, 1Gi, 250m. Models apimachinery/pkg/api/resource.
