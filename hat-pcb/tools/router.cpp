// Routes two signal layers by negotiated congestion: every net takes its cheapest way, shared places grow dearer with
// each round until no two nets share one. Planes (GND, +3V3) are reached by a via beside each surface-mounted pad.
// Input (stdin), lengths in mm:
//   area x1 y1 x2 y2 pitch
//   class id half_width                 track classes; the via's class is 3
//   apart class class distance          extra distance between two classes
//   net name class plane(0|1)
//   pad net|- layers(1 F,2 B,3 both) drilled(0|1) x1 y1 x2 y2 cx cy clearance
//   keepout x1 y1 x2 y2
// Output: "S net layer x1 y1 x2 y2 width" for a track, "V net x y" for a via.
#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <functional>
#include <iostream>
#include <map>
#include <queue>
#include <random>
#include <string>
#include <vector>
using namespace std;

constexpr int CLASSES = 6, VIA = 3;
constexpr double VIA_RADIUS = 0.3, CLEARANCE = 0.16;
static double half_width[CLASSES] = {.1, .25, .5, VIA_RADIUS, .1, .1}, apart[CLASSES][CLASSES];

struct Pad { int net, layers; bool drilled; double x1, y1, x2, y2, cx, cy, clearance; };
struct Net { string name; int cls; bool plane; vector<int> pads; };
struct Step { int node, layer; bool via; };
using Path = vector<Step>;

static double ax1, ay1, ax2, ay2, pitch = .125;
static int nx, ny, count_;
static bool in_use[CLASSES];
static vector<Pad> pads;
static vector<Net> nets;
static vector<array<float, 2>> near_distance[2];
static vector<array<int, 2>> near_net[2];
static vector<char> no_via, forbidden, class_block[CLASSES][2];
static vector<unsigned short> used[CLASSES][2];
static vector<float> history[CLASSES][2];
static vector<vector<Path>> routes;

static double px(int node) { return ax1 + (node % nx) * pitch; }
static double py(int node) { return ay1 + (node / nx) * pitch; }

template <class F> static void disc(double cx, double cy, double radius, F visit) {
    int a = max(0, (int)ceil((cx - radius - ax1) / pitch)), b = min(nx - 1, (int)floor((cx + radius - ax1) / pitch));
    int c = max(0, (int)ceil((cy - radius - ay1) / pitch)), d = min(ny - 1, (int)floor((cy + radius - ay1) / pitch));
    for (int y = c; y <= d; y++)
        for (int x = a; x <= b; x++) {
            double dx = ax1 + x * pitch - cx, dy = ay1 + y * pitch - cy;
            if (dx * dx + dy * dy < radius * radius - 1e-9) visit(y * nx + x);
        }
}

static double to_pad(double x, double y, const Pad& p) {
    double dx = max({p.x1 - x, 0.0, x - p.x2}), dy = max({p.y1 - y, 0.0, y - p.y2});
    return sqrt(dx * dx + dy * dy);
}

static void prepare() {
    nx = (int)((ax2 - ax1) / pitch) + 1;
    ny = (int)((ay2 - ay1) / pitch) + 1;
    count_ = nx * ny;
    no_via.assign(count_, 0);
    in_use[VIA] = true;
    for (const Net& n : nets) in_use[n.cls] = true;
    if (forbidden.empty()) forbidden.assign(count_, 0);
    for (int l = 0; l < 2; l++) {
        near_distance[l].assign(count_, {1e9f, 1e9f});
        near_net[l].assign(count_, {-2, -2});
        for (int c = 0; c < CLASSES; c++) {
            used[c][l].assign(count_, 0);
            history[c][l].assign(count_, 0);
            class_block[c][l].assign(count_, 0);
        }
    }
    for (const Pad& p : pads) {
        double extra = max(0.0, p.clearance - CLEARANCE), reach = 1.2 + extra;
        int own = p.net >= 0 ? nets[p.net].cls : -1;
        for (int l = 0; l < 2; l++) {
            if (!(p.layers >> l & 1)) continue;
            int a = max(0, (int)((p.x1 - reach - ax1) / pitch)), b = min(nx - 1, (int)((p.x2 + reach - ax1) / pitch) + 1);
            int c = max(0, (int)((p.y1 - reach - ay1) / pitch)), d = min(ny - 1, (int)((p.y2 + reach - ay1) / pitch) + 1);
            for (int y = c; y <= d; y++)
                for (int x = a; x <= b; x++) {
                    double q = to_pad(ax1 + x * pitch, ay1 + y * pitch, p) - extra;
                    if (q > 1.2) continue;
                    int i = y * nx + x;
                    auto& near = near_distance[l][i];
                    auto& who = near_net[l][i];
                    if (p.net >= 0 && who[0] == p.net) near[0] = min(near[0], (float)q);
                    else if (q < near[0]) { near[1] = near[0]; who[1] = who[0]; near[0] = (float)q; who[0] = p.net; }
                    else if (p.net >= 0 && who[1] == p.net) near[1] = min(near[1], (float)q);
                    else if (q < near[1]) { near[1] = (float)q; who[1] = p.net; }
                    if (own >= 0)
                        for (int k = 0; k < CLASSES; k++)
                            if (apart[own][k] > 0 && q < half_width[k] + CLEARANCE + apart[own][k]) class_block[k][l][i] = 1;
                }
        }
        if (p.drilled) disc(p.cx, p.cy, min(max(p.x2 - p.x1, p.y2 - p.y1) / 2, 1.2) * .75 + .15 + .3, [](int i) { no_via[i] = 1; });
    }
}

static bool blocked(int net, int layer, int i, double half, int cls) {
    int x = i % nx, y = i / nx;
    if (forbidden[i] || min(min(x, nx - 1 - x), min(y, ny - 1 - y)) * pitch < half) return true;
    float distance = near_net[layer][i][0] == net && net >= 0 ? near_distance[layer][i][1] : near_distance[layer][i][0];
    (void)cls;
    return distance < half + CLEARANCE - 1e-4;
}

// The nodes within a radius of a node, as rows: (row offset, columns to either side).
using Round = vector<array<int, 2>>;
static Round round_of(double radius) {
    Round rows;
    int reach = (int)floor(radius / pitch);
    for (int y = -reach; y <= reach; y++) {
        double rest = radius * radius - y * pitch * y * pitch;
        if (rest <= 1e-9) continue;
        rows.push_back({y, (int)floor((sqrt(rest) - 1e-6) / pitch)});
    }
    return rows;
}
static Round track_round[CLASSES][CLASSES], via_round[CLASSES][CLASSES];

static void stamp_round(vector<unsigned short>& field, int node, const Round& rows, int sign) {
    int x = node % nx, y = node / nx;
    for (auto& row : rows) {
        int yy = y + row[0];
        if (yy < 0 || yy >= ny) continue;
        unsigned short* line = field.data() + (size_t)yy * nx;
        for (int xx = max(0, x - row[1]), last = min(nx - 1, x + row[1]); xx <= last; xx++) line[xx] += sign;
    }
}

static void mark(const vector<Path>& paths, int cls, int sign) {
    for (const Path& path : paths)
        for (const Step& s : path)
            for (int k = 0; k < CLASSES; k++) {
                if (!in_use[k]) continue;
                stamp_round(used[k][s.layer], s.node, track_round[cls][k], sign);
                if (s.via)
                    for (int l = 0; l < 2; l++) stamp_round(used[k][l], s.node, via_round[cls][k], sign);
            }
}

static void pad_nodes(const Pad& p, int cls, vector<int>& out) {
    double m = min({half_width[cls], (p.x2 - p.x1) / 2, (p.y2 - p.y1) / 2}) * .98;
    int a = (int)ceil((p.x1 + m - ax1) / pitch), b = (int)floor((p.x2 - m - ax1) / pitch);
    int c = (int)ceil((p.y1 + m - ay1) / pitch), d = (int)floor((p.y2 - m - ay1) / pitch);
    int mx = (int)lround((p.cx - ax1) / pitch), my = (int)lround((p.cy - ay1) / pitch);
    if (a > b) a = b = mx;
    if (c > d) c = d = my;
    for (int l = 0; l < 2; l++) {
        if (!(p.layers >> l & 1)) continue;
        out.push_back(l * count_ + min(ny - 1, max(0, my)) * nx + min(nx - 1, max(0, mx)));
        for (int y = c; y <= d; y++)
            for (int x = a; x <= b; x++) {
                if (x < 0 || y < 0 || x >= nx || y >= ny) continue;
                double ex = (ax1 + x * pitch - p.cx) / max(.07, (p.x2 - p.x1) / 2 - m * .6), ey = (ay1 + y * pitch - p.cy) / max(.07, (p.y2 - p.y1) / 2 - m * .6);
                if (ex * ex + ey * ey <= 1.0001) out.push_back(l * count_ + y * nx + x);
            }
    }
}

struct Search {
    vector<float> distance;
    vector<int> previous, stamp;
    vector<char> target, own_via;
    int round = 0;
    double pressure = .5;
    function<float(int)> guess;
    void init() {
        distance.assign(2 * count_, 0); previous.assign(2 * count_, 0); stamp.assign(2 * count_, 0); target.assign(2 * count_, 0); own_via.assign(count_, 0);
    }
    float price(int cls, int l, int i, int net) const {
        double shared = (used[cls][l][i] > 0 ? 1 : 0) + (class_block[cls][l][i] && near_net[l][i][0] != net ? 3 : 0);
        return (float)((1 + history[cls][l][i]) * (1 + pressure * shared));
    }
    // to_plane: any legal spot for a via ends the search; otherwise a node of `target`.
    int run(int net, const vector<int>& sources, bool to_plane, int cls, const vector<int>& goals) {
        round++;
        int bx1 = 1 << 29, bx2 = -1, by1 = 1 << 29, by2 = -1;
        for (int g : goals) { int i = g % count_; bx1 = min(bx1, i % nx); bx2 = max(bx2, i % nx); by1 = min(by1, i / nx); by2 = max(by2, i / nx); }
        guess = [=](int s) -> float {
            if (bx2 < 0) return 0;
            int i = s % count_, x = i % nx, y = i / nx, dx = max({bx1 - x, 0, x - bx2}), dy = max({by1 - y, 0, y - by2});
            return (float)(max(dx, dy) + .41421 * min(dx, dy));
        };
        using Entry = pair<float, int>;
        priority_queue<Entry, vector<Entry>, greater<Entry>> queue;
        for (int s : sources) { distance[s] = 0; previous[s] = -1; stamp[s] = round; queue.push({guess(s), s}); }
        while (!queue.empty()) {
            auto [f, s] = queue.top();
            queue.pop();
            float d = distance[s];
            if (f > d + guess(s) + 1e-4) continue;
            int l = s / count_, i = s % count_, x = i % nx, y = i / nx;
            if (!to_plane && target[s]) return s;
            bool via_ok = !no_via[i] && !own_via[i] && !blocked(net, 0, i, VIA_RADIUS, cls) && !blocked(net, 1, i, VIA_RADIUS, cls);
            if (to_plane && via_ok && previous[s] != -1) {
                double fee = history[VIA][0][i] * 4;
                for (int k = 0; k < 2; k++) fee += used[VIA][k][i] > 0 ? pressure * 8 : 0;
                if (fee < .01 || d > fee * 1.5) return s;
            }
            for (int dy = -1; dy <= 1; dy++)
                for (int dx = -1; dx <= 1; dx++) {
                    int xx = x + dx, yy = y + dy;
                    if ((!dx && !dy) || xx < 0 || yy < 0 || xx >= nx || yy >= ny) continue;
                    int j = yy * nx + xx;
                    if (blocked(net, l, j, half_width[cls], cls)) continue;
                    float next = d + (dx && dy ? 1.4142f : 1.f) * price(cls, l, j, net);
                    relax(l * count_ + j, next, s, queue);
                }
            if (!to_plane && via_ok && !blocked(net, 1 - l, i, half_width[cls], cls)) {
                double shared = (used[VIA][0][i] > 0) + (used[VIA][1][i] > 0) + (class_block[cls][0][i] + class_block[cls][1][i]);
                relax((1 - l) * count_ + i, d + (float)(12 * (1 + history[VIA][0][i]) * (1 + pressure * shared)), s, queue);
            }
        }
        return -1;
    }
    template <class Q> void relax(int t, float d, int from, Q& queue) {
        if (stamp[t] == round && d >= distance[t] - 1e-6) return;
        stamp[t] = round; distance[t] = d; previous[t] = from;
        queue.push({d + guess(t), t});
    }
    Path trace(int end, bool end_via) const {
        Path path;
        for (int s = end; s >= 0; s = previous[s]) {
            path.push_back({s % count_, s / count_, false});
            if (previous[s] >= 0 && previous[s] / count_ != s / count_) path.back().via = true;
        }
        reverse(path.begin(), path.end());
        if (end_via) path.back().via = true;
        return path;
    }
};

static int route(int n, Search& search) {
    Net& net = nets[n];
    if (!routes[n].empty()) mark(routes[n], net.cls, -1);
    vector<Path> found;
    int failed = 0;
    fill(search.own_via.begin(), search.own_via.end(), 0);
    auto keep = [&](const Path& p) {
        for (const Step& s : p) if (s.via) disc(px(s.node), py(s.node), .6, [&](int i) { search.own_via[i] = 1; });
        found.push_back(p);
    };
    if (net.plane) {
        for (int p : net.pads) {
            if (pads[p].drilled) continue;
            vector<int> sources;
            pad_nodes(pads[p], net.cls, sources);
            int end = search.run(n, sources, true, net.cls, {});
            if (end < 0) { failed++; continue; }
            keep(search.trace(end, true));
        }
    } else {
        vector<vector<int>> nodes(net.pads.size());
        for (size_t a = 0; a < nodes.size(); a++) pad_nodes(pads[net.pads[a]], net.cls, nodes[a]);
        vector<char> joined(nodes.size(), 0);
        joined[0] = 1;
        vector<int> tree = nodes[0];
        for (size_t step = 1; step < nodes.size(); step++) {
            vector<int> goals;
            for (size_t a = 0; a < nodes.size(); a++) if (!joined[a]) for (int s : nodes[a]) { search.target[s] = 1; goals.push_back(s); }
            int end = search.run(n, tree, false, net.cls, goals), hit = -1;
            for (size_t a = 0; a < nodes.size() && end >= 0 && hit < 0; a++)
                if (!joined[a] && find(nodes[a].begin(), nodes[a].end(), end) != nodes[a].end()) hit = (int)a;
            for (auto& list : nodes) for (int s : list) search.target[s] = 0;
            if (end < 0) { failed++; break; }
            Path path = search.trace(end, false);
            keep(path);
            joined[hit] = 1;
            tree.insert(tree.end(), nodes[hit].begin(), nodes[hit].end());
            for (const Step& s : path) { tree.push_back(s.layer * count_ + s.node); if (s.via) tree.push_back((1 - s.layer) * count_ + s.node); }
        }
    }
    routes[n] = found;
    mark(found, net.cls, 1);
    return failed;
}

static vector<int> conflicts(const vector<int>& order) {
    vector<int> bad;
    for (int n : order) {
        int c = nets[n].cls;
        mark(routes[n], c, -1);
        bool clash = false;
        auto note = [&](int k, int l, int i) {
            if (!used[k][l][i]) return;
            clash = true;
            for (int q = 0; q < CLASSES; q++) history[q][l][i] += q == k ? .6f : .3f;
        };
        for (const Path& p : routes[n])
            for (const Step& s : p) {
                note(c, s.layer, s.node);
                if (s.via) for (int l = 0; l < 2; l++) note(VIA, l, s.node);
            }
        mark(routes[n], c, 1);
        if (clash) bad.push_back(n);
    }
    return bad;
}

static void print_routes() {
    for (size_t n = 0; n < nets.size(); n++)
        for (const Path& p : routes[n]) {
            size_t first = 0;
            for (size_t j = 1; j <= p.size(); j++) {
                bool leave = j == p.size() || p[j].layer != p[j - 1].layer;
                bool bend = !leave && j > first + 1 && (p[j].node - p[j - 1].node != p[j - 1].node - p[j - 2].node);
                if (!leave && !bend) continue;
                if (j - 1 > first)
                    printf("S %s %d %.4f %.4f %.4f %.4f %.3f\n", nets[n].name.c_str(), p[first].layer, px(p[first].node), py(p[first].node), px(p[j - 1].node), py(p[j - 1].node), 2 * half_width[nets[n].cls]);
                first = leave ? j : j - 1;
            }
            for (const Step& s : p) if (s.via) printf("V %s %.4f %.4f\n", nets[n].name.c_str(), px(s.node), py(s.node));
        }
}

int main(int argc, char** argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 60;
    string word;
    map<string, int> ids;
    vector<array<double, 4>> keepouts;
    while (cin >> word) {
        if (word == "area") cin >> ax1 >> ay1 >> ax2 >> ay2 >> pitch;
        else if (word == "class") { int c; cin >> c; cin >> half_width[c]; }
        else if (word == "apart") { int a, b; double d; cin >> a >> b >> d; apart[a][b] = apart[b][a] = d; }
        else if (word == "net") { Net n; cin >> n.name >> n.cls >> n.plane; ids[n.name] = (int)nets.size(); nets.push_back(n); }
        else if (word == "keepout") { array<double, 4> k; cin >> k[0] >> k[1] >> k[2] >> k[3]; keepouts.push_back(k); }
        else if (word == "pad") {
            Pad p; string name; int drilled;
            cin >> name >> p.layers >> drilled >> p.x1 >> p.y1 >> p.x2 >> p.y2 >> p.cx >> p.cy >> p.clearance;
            p.drilled = drilled; p.net = ids.count(name) ? ids[name] : -1;
            if (p.net >= 0) nets[p.net].pads.push_back((int)pads.size());
            pads.push_back(p);
        }
    }
    prepare();
    for (int c = 0; c < CLASSES; c++)
        for (int k = 0; k < CLASSES; k++) {
            track_round[c][k] = round_of(half_width[c] + CLEARANCE + half_width[k] + apart[c][k]);
            via_round[c][k] = round_of(VIA_RADIUS + CLEARANCE + half_width[k] + apart[c][k]);
        }
    for (auto& k : keepouts)
        for (int i = 0; i < count_; i++) if (px(i) >= k[0] && px(i) <= k[2] && py(i) >= k[1] && py(i) <= k[3]) forbidden[i] = 1;
    routes.resize(nets.size());
    vector<int> order;
    for (size_t n = 0; n < nets.size(); n++) if (nets[n].pads.size() > 1 || nets[n].plane) order.push_back((int)n);
    auto reach = [](int n) {
        double a = 1e9, b = -1e9, c = 1e9, d = -1e9;
        for (int p : nets[n].pads) { a = min(a, pads[p].cx); b = max(b, pads[p].cx); c = min(c, pads[p].cy); d = max(d, pads[p].cy); }
        return b - a + d - c;
    };
    sort(order.begin(), order.end(), [&](int a, int b) { return make_pair(!nets[a].plane, reach(a)) < make_pair(!nets[b].plane, reach(b)); });
    Search search;
    search.init();
    mt19937 rng(7);
    vector<int> todo = order;
    auto began = chrono::steady_clock::now();
    for (int r = 0; r < rounds; r++) {
        int failed = 0;
        for (int n : todo) { int f = route(n, search); failed += f; if (f && r > 2) fprintf(stderr, "  no way for %s\n", nets[n].name.c_str()); }
        todo = conflicts(order);
        fprintf(stderr, "round %d: %zu nets in conflict, %d connections without a way, %.0f s\n", r, todo.size(), failed,
                chrono::duration<double>(chrono::steady_clock::now() - began).count());
        if (todo.size() < 8) { for (int n : todo) fprintf(stderr, " %s", nets[n].name.c_str()); fprintf(stderr, "\n"); }
        if (todo.empty()) { if (!failed || r > 3) break; todo = order; }
        if (r % 7 == 6) todo = order;
        search.pressure = min(search.pressure * 1.35, 400.0);
        shuffle(todo.begin(), todo.end(), rng);
    }
    print_routes();
}
