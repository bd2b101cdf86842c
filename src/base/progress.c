/* Owns the progress line on stderr: when it may be drawn, and its text. It knows nothing of the work. */
#include "base/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/memory.h"

/* Seconds between two drawings, on a terminal and in a log. */
#define TERMINAL_INTERVAL 0.25
#define LOG_INTERVAL 1.0

struct progress {
    bool wanted, terminal, drawn;
    double start, last;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

struct progress *progress_new(const struct common_options *options) {
    struct progress *progress = memory_zeroed(1, sizeof *progress);
    progress->terminal = isatty(STDERR_FILENO) == 1;
    progress->wanted = options->progress == 1 || (options->progress == 0 && progress->terminal && !options->quiet);
    progress->start = progress->last = now();
    return progress;
}

/* "1:02:03" or "2:03". */
static void format_time(double seconds, char *text, size_t size) {
    uint64_t whole = seconds < 1e9 ? (uint64_t)(seconds + 0.5) : (uint64_t)1000000000;
    uint64_t hours = whole / 3600, minutes = whole / 60 % 60, rest = whole % 60;
    if (hours)
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64, hours, minutes, rest);
    else
        snprintf(text, size, "%" PRIu64 ":%02" PRIu64, minutes, rest);
}

/* Whether it is time to draw. */
static bool is_due(struct progress *progress) {
    if (!progress->wanted)
        return false;
    double time = now();
    if (time - progress->last < (progress->terminal ? TERMINAL_INTERVAL : LOG_INTERVAL))
        return false;
    progress->last = time;
    return true;
}

/* Draws the text, then the share that is done and the time left, where the share is known. */
static void draw(struct progress *progress, const char *text, double share) {
    char rest[64] = "", left[32];
    if (share > 0 && share <= 1) {
        format_time(progress_seconds(progress) * (1 - share) / share, left, sizeof left);
        snprintf(rest, sizeof rest, ", %.0f %%, %s left", 100 * share, left);
    }
    fprintf(stderr, progress->terminal ? "\r\033[K%s: %s%s" : "%s: %s%s\n", program_name(), text, rest);
    fflush(stderr);
    progress->drawn = progress->terminal;
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total, const char *what) {
    if (!is_due(progress))
        return;
    char text[256];
    double megabytes = (double)done / 1e6;
    snprintf(text, sizeof text, "%s, %.1f MB, %.1f MB/s", what, megabytes, megabytes / progress_seconds(progress));
    draw(progress, text, total ? (double)done / (double)total : 0);
}

void progress_show_steps(struct progress *progress, uint64_t done, uint64_t total, const char *what, double share) {
    if (!is_due(progress))
        return;
    char text[256];
    snprintf(text, sizeof text, "%" PRIu64 " of %" PRIu64 " %s", done, total, what);
    draw(progress, text, share);
}

void progress_clear(struct progress *progress) {
    if (progress->drawn) {
        fputs("\r\033[K", stderr);
        fflush(stderr);
    }
    progress->drawn = false;
}

double progress_seconds(const struct progress *progress) {
    return now() - progress->start;
}

void progress_free(struct progress *progress) {
    if (progress)
        progress_clear(progress);
    free(progress);
}
