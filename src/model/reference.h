/*
 * Every op once more, written plainly in double: what the kernels must equal, and what finite differences are taken of.
 * For tests; no program calls it. Shapes as in model/kernels.h and model/ops.h; backward functions add to their
 * gradients.
 */
#ifndef MODEL_REFERENCE_H
#define MODEL_REFERENCE_H

#include <stddef.h>
#include <stdint.h>

/* y[rows, out] = x[rows, in] w[out, in]' */
void reference_linear(double *y, const double *x, const double *w, size_t rows, size_t in, size_t out);
void reference_linear_backward(double *dx, double *dw, const double *dy, const double *x, const double *w, size_t rows,
                               size_t in, size_t out);

void reference_rmsnorm(double *y, const double *x, const double *weight, size_t rows, size_t width, double epsilon);
void reference_rmsnorm_backward(double *dx, double *dweight, const double *dy, const double *x, const double *weight,
                                size_t rows, size_t width, double epsilon);

/* Rotates one head in place to a position; direction -1 turns it back, which is also the backward pass. */
void reference_rope(double *head, size_t head_size, size_t position, double theta, double direction);

/* One query head over one row: q, k, v, output [length, head_size] with strides; starts as in struct batch or NULL. */
struct reference_attention {
    size_t length, head_size;
    const double *q, *k, *v;
    size_t stride;
    const int32_t *starts;
    size_t output_stride;
};
void reference_attention(const struct reference_attention *attention, double *output);
/* dq, dk, dv have the stride of q. */
void reference_attention_backward(const struct reference_attention *attention, const double *output_gradient,
                                  double *dq, double *dk, double *dv);

void reference_swiglu(double *activation, const double *gate_up, size_t rows, size_t width);
void reference_swiglu_backward(double *gate_up_gradient, const double *activation_gradient, const double *gate_up,
                               size_t rows, size_t width);

double reference_cross_entropy(const double *logits, size_t vocabulary, size_t target);
void reference_cross_entropy_backward(double *dlogits, const double *logits, size_t vocabulary, size_t target,
                                      double scale);

/* One AdamW step of one number; step counts from 1. */
struct reference_adamw {
    double beta1, beta2, epsilon, weight_decay, learning_rate;
    uint64_t step;
};
void reference_adamw(const struct reference_adamw *adamw, double *weight, double *first, double *second,
                     double gradient);

/* One step of Muon over a matrix. */
struct reference_muon {
    double beta, weight_decay, learning_rate;
};
void reference_muon(const struct reference_muon *muon, double *weights, double *momentum, const double *gradients,
                    size_t rows, size_t columns);

#endif
