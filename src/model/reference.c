/*
 * The definitions of the ops, for tests to hold the fast ones against. Nothing here is arranged for speed.
 */
#include "model/reference.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

void reference_linear(double *y, const double *x, const double *w, size_t rows, size_t in, size_t out) {
    for (size_t row = 0; row < rows; row++)
        for (size_t o = 0; o < out; o++) {
            double sum = 0;
            for (size_t i = 0; i < in; i++)
                sum += x[row * in + i] * w[o * in + i];
            y[row * out + o] = sum;
        }
}

void reference_linear_backward(double *dx, double *dw, const double *dy, const double *x, const double *w, size_t rows,
                               size_t in, size_t out) {
    for (size_t row = 0; row < rows; row++)
        for (size_t o = 0; o < out; o++)
            for (size_t i = 0; i < in; i++) {
                dx[row * in + i] += dy[row * out + o] * w[o * in + i];
                dw[o * in + i] += dy[row * out + o] * x[row * in + i];
            }
}

static double root_mean_square(const double *x, size_t width, double epsilon) {
    double sum = 0;
    for (size_t i = 0; i < width; i++)
        sum += x[i] * x[i];
    return sqrt(sum / (double)width + epsilon);
}

void reference_rmsnorm(double *y, const double *x, const double *weight, size_t rows, size_t width, double epsilon) {
    for (size_t row = 0; row < rows; row++, x += width, y += width) {
        double r = root_mean_square(x, width, epsilon);
        for (size_t i = 0; i < width; i++)
            y[i] = x[i] / r * weight[i];
    }
}

void reference_rmsnorm_backward(double *dx, double *dweight, const double *dy, const double *x, const double *weight,
                                size_t rows, size_t width, double epsilon) {
    for (size_t row = 0; row < rows; row++, x += width, dx += width, dy += width) {
        double r = root_mean_square(x, width, epsilon), dot = 0;
        for (size_t i = 0; i < width; i++) {
            dot += dy[i] * weight[i] * x[i];
            dweight[i] += dy[i] * x[i] / r;
        }
        for (size_t i = 0; i < width; i++)
            dx[i] += dy[i] * weight[i] / r - x[i] * dot / (r * r * r * (double)width);
    }
}

void reference_rope(double *head, size_t head_size, size_t position, double theta, double direction) {
    size_t half = head_size / 2;
    for (size_t i = 0; i < half; i++) {
        double angle = direction * (double)position * pow(theta, -2.0 * (double)i / (double)head_size);
        double low = head[i], high = head[i + half];
        head[i] = low * cos(angle) - high * sin(angle);
        head[i + half] = high * cos(angle) + low * sin(angle);
    }
}

/* p[j] = softmax over the visible keys of query t. */
static void probabilities(const struct reference_attention *a, size_t t, double *p) {
    size_t from = a->starts == NULL ? 0 : (size_t)a->starts[t];
    double sum = 0;
    for (size_t j = 0; j <= t; j++) {
        double score = 0;
        for (size_t i = 0; i < a->head_size; i++)
            score += a->q[t * a->stride + i] * a->k[j * a->stride + i];
        p[j] = j < from ? 0 : exp(score / sqrt((double)a->head_size));
        sum += p[j];
    }
    for (size_t j = 0; j <= t; j++)
        p[j] /= sum;
}

void reference_attention(const struct reference_attention *a, double *output) {
    double *p = memory_zeroed(a->length, sizeof *p);
    for (size_t t = 0; t < a->length; t++) {
        probabilities(a, t, p);
        for (size_t i = 0; i < a->head_size; i++) {
            double sum = 0;
            for (size_t j = 0; j <= t; j++)
                sum += p[j] * a->v[j * a->stride + i];
            output[t * a->output_stride + i] = sum;
        }
    }
    free(p);
}

void reference_attention_backward(const struct reference_attention *a, const double *output_gradient, double *dq,
                                  double *dk, double *dv) {
    double *p = memory_zeroed(a->length, sizeof *p), *dp = memory_zeroed(a->length, sizeof *dp);
    for (size_t t = 0; t < a->length; t++) {
        const double *gradient = output_gradient + t * a->output_stride;
        double mean = 0;
        probabilities(a, t, p);
        for (size_t j = 0; j <= t; j++) {
            dp[j] = 0;
            for (size_t i = 0; i < a->head_size; i++) {
                dp[j] += gradient[i] * a->v[j * a->stride + i];
                dv[j * a->stride + i] += gradient[i] * p[j];
            }
            mean += p[j] * dp[j];
        }
        for (size_t j = 0; j <= t; j++) {
            double score_gradient = p[j] * (dp[j] - mean) / sqrt((double)a->head_size);
            for (size_t i = 0; i < a->head_size; i++) {
                dq[t * a->stride + i] += score_gradient * a->k[j * a->stride + i];
                dk[j * a->stride + i] += score_gradient * a->q[t * a->stride + i];
            }
        }
    }
    free(p);
    free(dp);
}

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

void reference_swiglu(double *activation, const double *gate_up, size_t rows, size_t width) {
    for (size_t row = 0; row < rows; row++, activation += width, gate_up += 2 * width)
        for (size_t i = 0; i < width; i++)
            activation[i] = gate_up[i] * sigmoid(gate_up[i]) * gate_up[width + i];
}

void reference_swiglu_backward(double *gate_up_gradient, const double *activation_gradient, const double *gate_up,
                               size_t rows, size_t width) {
    for (size_t row = 0; row < rows;
         row++, activation_gradient += width, gate_up += 2 * width, gate_up_gradient += 2 * width)
        for (size_t i = 0; i < width; i++) {
            double gate = gate_up[i], s = sigmoid(gate);
            gate_up_gradient[i] += activation_gradient[i] * gate_up[width + i] * (s + gate * s * (1 - s));
            gate_up_gradient[width + i] += activation_gradient[i] * gate * s;
        }
}

static double log_sum(const double *logits, size_t vocabulary) {
    double highest = logits[0], sum = 0;
    for (size_t i = 1; i < vocabulary; i++)
        highest = fmax(highest, logits[i]);
    for (size_t i = 0; i < vocabulary; i++)
        sum += exp(logits[i] - highest);
    return highest + log(sum);
}

double reference_cross_entropy(const double *logits, size_t vocabulary, size_t target) {
    return log_sum(logits, vocabulary) - logits[target];
}

void reference_cross_entropy_backward(double *dlogits, const double *logits, size_t vocabulary, size_t target,
                                      double scale) {
    double total = log_sum(logits, vocabulary);
    for (size_t i = 0; i < vocabulary; i++)
        dlogits[i] += scale * (exp(logits[i] - total) - (i == target ? 1 : 0));
}

void reference_adamw(const struct reference_adamw *a, double *weight, double *first, double *second, double gradient) {
    *first = a->beta1 * *first + (1 - a->beta1) * gradient;
    *second = a->beta2 * *second + (1 - a->beta2) * gradient * gradient;
    double mean = *first / (1 - pow(a->beta1, (double)a->step)),
           square = *second / (1 - pow(a->beta2, (double)a->step));
    *weight -= a->learning_rate * a->weight_decay * *weight;
    *weight -= a->learning_rate * mean / (sqrt(square) + a->epsilon);
}

/* c[m, n] = a[m, k] b[k, n] */
static double *product(const double *a, const double *b, size_t m, size_t n, size_t k) {
    double *c = memory_zeroed(m * n, sizeof *c);
    for (size_t i = 0; i < m; i++)
        for (size_t l = 0; l < k; l++)
            for (size_t j = 0; j < n; j++)
                c[i * n + j] += a[i * k + l] * b[l * n + j];
    return c;
}

static double *transposed(const double *x, size_t rows, size_t columns) {
    double *y = memory_zeroed(rows * columns, sizeof *y);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < columns; j++)
            y[j * rows + i] = x[i * columns + j];
    return y;
}

/* x = a x + b (x x') x + c (x x') (x x') x */
static void newton_schulz(double *x, size_t rows, size_t columns) {
    double *other = transposed(x, rows, columns), *gram = product(x, other, rows, rows, columns);
    double *cubic = product(gram, x, rows, columns, rows), *quintic = product(gram, cubic, rows, columns, rows);
    for (size_t i = 0; i < rows * columns; i++)
        x[i] = 3.4445 * x[i] - 4.7750 * cubic[i] + 2.0315 * quintic[i];
    free(other);
    free(gram);
    free(cubic);
    free(quintic);
}

void reference_muon(const struct reference_muon *muon, double *weights, double *momentum, const double *gradients,
                    size_t rows, size_t columns) {
    double *update = memory_zeroed(rows * columns, sizeof *update), square = 0;
    for (size_t i = 0; i < rows * columns; i++) {
        momentum[i] = muon->beta * momentum[i] + gradients[i];
        update[i] = gradients[i] + muon->beta * momentum[i];
        square += update[i] * update[i];
    }
    for (size_t i = 0; i < rows * columns && square > 0; i++)
        update[i] /= sqrt(square);
    for (size_t step = 0; step < 5; step++)
        newton_schulz(update, rows, columns);
    double scale = 0.2 * sqrt((double)(rows > columns ? rows : columns));
    for (size_t i = 0; i < rows * columns; i++)
        weights[i] -= muon->learning_rate * (muon->weight_decay * weights[i] + scale * update[i]);
    free(update);
}
