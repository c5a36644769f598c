/* Copyright the carryall authors.  See LICENSE.
 *
 * The load of the echo and accept benches, in C so that the client is never what is measured.
 *
 *   load echo PORT CONNECTIONS SECONDS SIZE WINDOW
 *       every connection keeps WINDOW messages of SIZE bytes under way and counts each that has come back whole and
 *       unchanged; WINDOW 1 is ping-pong.
 *   load accept PORT CONNECTIONS AT_ONCE
 *       opens CONNECTIONS connections, AT_ONCE under way; each sends one request, waits for an answer, closes.
 *
 * Prints one JSON object.  One thread, epoll, loopback only.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 1024
#define CHUNK 65536

static const char REQUEST[] = "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n";
static struct sockaddr_in server;
static int poller;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec / 1e9;
}

static double cpu(void)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return used.ru_utime.tv_sec + used.ru_stime.tv_sec + (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int open_one(int flags)
{
    int one = 1, fd = socket(AF_INET, SOCK_STREAM | flags, 0);
    if (fd < 0)
        fail("socket");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, (struct sockaddr *)&server, sizeof server) && errno != EINPROGRESS)
        fail("connect");
    return fd;
}

static void watch(int op, int fd, unsigned events, unsigned number)
{
    struct epoll_event event = {.events = events, .data.u32 = number};
    if (epoll_ctl(poller, op, fd, &event))
        fail("epoll_ctl");
}

/* -- echo ---------------------------------------------------------------------------------------------------- */

static int echo(int count, double seconds, int size, int window)
{
    static char buffer[CHUNK];
    int *fds = calloc(count, sizeof *fds);
    long long *back = calloc(count, sizeof *back), trips = 0, bad = 0;
    struct epoll_event ready[EVENTS];
    char *message = malloc((size_t)size * window);

    for (int i = 0; i < size * window; i++)
        message[i] = 'a' + i % size % 26;
    for (int i = 0; i < count; i++) {
        fds[i] = open_one(0);
        fcntl(fds[i], F_SETFL, O_NONBLOCK);
        watch(EPOLL_CTL_ADD, fds[i], EPOLLIN, i);
    }
    double begin = now(), end = begin + seconds, used = cpu();
    for (int i = 0; i < count; i++)
        if (send(fds[i], message, (size_t)size * window, MSG_NOSIGNAL) != (ssize_t)size * window)
            fail("send");
    while (now() < end) {
        int n = epoll_wait(poller, ready, EVENTS, 100);
        for (int e = 0; e < n; e++) {
            int i = ready[e].data.u32;
            ssize_t got = recv(fds[i], buffer, CHUNK, 0);
            if (got < 0 && errno == EAGAIN)
                continue;
            if (got <= 0)
                fail("recv");
            long long whole = back[i] / size;
            for (ssize_t at = 0; at < got;) {       /* every byte is checked against the pattern, a message at a time */
                int phase = (back[i] + at) % size;
                ssize_t run = size - phase < got - at ? size - phase : got - at;
                bad += memcmp(buffer + at, message + phase, run) != 0;
                at += run;
            }
            back[i] += got;
            long long done = back[i] / size - whole;
            trips += done;
            if (done && send(fds[i], message, (size_t)size * done, MSG_NOSIGNAL) != (ssize_t)size * done)
                fail("send");
        }
    }
    double took = now() - begin;
    printf("{\"count\": %lld, \"seconds\": %.6f, \"bad\": %lld, \"client_cpu\": %.6f}\n", trips, took, bad, cpu() - used);
    return 0;
}

/* -- accept -------------------------------------------------------------------------------------------------- */

static int accepting(int count, int at_once)
{
    static char buffer[CHUNK];
    int *fds = calloc(count, sizeof *fds);
    int opened = 0, closed = 0, answered = 0, lost = 0;
    struct epoll_event ready[EVENTS];
    double begin = now(), used = cpu(), quiet = now();

    while (closed < count && now() - quiet < 20) {
        while (opened < count && opened - closed < at_once) {
            fds[opened] = open_one(SOCK_NONBLOCK);
            watch(EPOLL_CTL_ADD, fds[opened], EPOLLOUT, opened);
            opened++;
        }
        int n = epoll_wait(poller, ready, EVENTS, 100);
        if (n)
            quiet = now();
        for (int e = 0; e < n; e++) {
            int i = ready[e].data.u32, good = 0;
            if (ready[e].events == EPOLLOUT) {
                if (send(fds[i], REQUEST, sizeof REQUEST - 1, MSG_NOSIGNAL) == sizeof REQUEST - 1) {
                    watch(EPOLL_CTL_MOD, fds[i], EPOLLIN, i);
                    continue;
                }
            } else
                good = recv(fds[i], buffer, CHUNK, 0) > 0;
            if (good)
                answered++;
            else
                lost++;
            close(fds[i]);
            closed++;
        }
    }
    double took = now() - begin;
    printf("{\"count\": %d, \"seconds\": %.6f, \"bad\": %d, \"client_cpu\": %.6f}\n", answered, took, lost + count - closed,
           cpu() - used);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        fprintf(stderr, "usage: load echo PORT CONNECTIONS SECONDS SIZE WINDOW | load accept PORT CONNECTIONS AT_ONCE\n");
        return 2;
    }
    server.sin_family = AF_INET;
    server.sin_port = htons(atoi(argv[2]));
    server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    poller = epoll_create1(0);
    if (!strcmp(argv[1], "accept"))
        return accepting(atoi(argv[3]), atoi(argv[4]));
    return argc < 7 ? 2 : echo(atoi(argv[3]), atof(argv[4]), atoi(argv[5]), atoi(argv[6]));
}
