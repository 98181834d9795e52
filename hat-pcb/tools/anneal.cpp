// Places the parts that have no place by hand: simulated annealing on wire length, in the areas allowed for each block.
// Input (stdin), lengths in mm:
//   grid x1 y1 x2 y2 step          the board
//   block x1 y1 x2 y2              an area already taken
//   fixed net x y                  a pad of a part placed by hand
//   weight net w                   cost of a millimetre of that net
//   part name areas { x1 y1 x2 y2 } rotations { l t r b pads { net x y } }
// Output: one line "name x y rotation" per part.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <vector>
using namespace std;

struct Box { double x1, y1, x2, y2; };
struct Pad { int net; double x, y; };
struct Turn { Box box; vector<Pad> pads; };
struct Part { string name; vector<Box> areas; vector<Turn> turns; double x = 0, y = 0; int turn = 0; vector<int> nets; };

static double gx1, gy1, gx2, gy2, step;
static int columns, rows;
static vector<unsigned char> taken;
static vector<Part> parts;
static map<string, int> net_ids;
static vector<double> weight;
static vector<vector<pair<double, double>>> fixed_pads;
static vector<vector<int>> members;

static int net_id(const string& name) {
    auto found = net_ids.find(name);
    if (found != net_ids.end()) return found->second;
    int id = static_cast<int>(net_ids.size());
    net_ids[name] = id;
    weight.push_back(1.0);
    fixed_pads.emplace_back();
    members.emplace_back();
    return id;
}

static void cells(const Box& b, int& c1, int& r1, int& c2, int& r2) {
    c1 = max(0, static_cast<int>(floor((b.x1 - gx1) / step + 1e-6)));
    r1 = max(0, static_cast<int>(floor((b.y1 - gy1) / step + 1e-6)));
    c2 = min(columns, static_cast<int>(ceil((b.x2 - gx1) / step - 1e-6)));
    r2 = min(rows, static_cast<int>(ceil((b.y2 - gy1) / step - 1e-6)));
}
static Box at(const Part& p, double x, double y, int t) {
    const Box& b = p.turns[t].box;
    return {x + b.x1, y + b.y1, x + b.x2, y + b.y2};
}
static void fill(const Box& b, unsigned char v) {
    int c1, r1, c2, r2;
    cells(b, c1, r1, c2, r2);
    for (int r = r1; r < r2; r++) std::fill(taken.begin() + r * columns + c1, taken.begin() + r * columns + c2, v);
}
static bool is_free(const Box& b) {
    int c1, r1, c2, r2;
    cells(b, c1, r1, c2, r2);
    for (int r = r1; r < r2; r++)
        for (int c = c1; c < c2; c++)
            if (taken[r * columns + c]) return false;
    return true;
}
static bool allowed(const Part& p, const Box& b) {
    for (const Box& a : p.areas)
        if (b.x1 >= a.x1 && b.y1 >= a.y1 && b.x2 <= a.x2 && b.y2 <= a.y2) return true;
    return false;
}
static double length(int net) {
    double a = 1e9, b = -1e9, c = 1e9, d = -1e9;
    int n = 0;
    auto take = [&](double x, double y) { a = min(a, x); b = max(b, x); c = min(c, y); d = max(d, y); n++; };
    for (auto& q : fixed_pads[net]) take(q.first, q.second);
    for (int m : members[net])
        for (auto& q : parts[m].turns[parts[m].turn].pads)
            if (q.net == net) take(parts[m].x + q.x, parts[m].y + q.y);
    return n > 1 ? weight[net] * (b - a + d - c) : 0;
}

int main(int argc, char** argv) {
    long moves = argc > 1 ? atol(argv[1]) : 3000000;
    mt19937 rng(argc > 2 ? atoi(argv[2]) : 1);
    string word;
    while (cin >> word) {
        if (word == "grid") {
            cin >> gx1 >> gy1 >> gx2 >> gy2 >> step;
            columns = static_cast<int>((gx2 - gx1) / step);
            rows = static_cast<int>((gy2 - gy1) / step);
            taken.assign(static_cast<size_t>(columns) * rows, 0);
        } else if (word == "block") {
            Box b;
            cin >> b.x1 >> b.y1 >> b.x2 >> b.y2;
            fill(b, 1);
        } else if (word == "fixed") {
            string net;
            double x, y;
            cin >> net >> x >> y;
            fixed_pads[net_id(net)].push_back({x, y});
        } else if (word == "weight") {
            string net;
            double w;
            cin >> net >> w;
            weight[net_id(net)] = w;
        } else if (word == "part") {
            Part p;
            int areas, turns, pads;
            cin >> p.name >> areas;
            for (int i = 0; i < areas; i++) { Box b; cin >> b.x1 >> b.y1 >> b.x2 >> b.y2; p.areas.push_back(b); }
            cin >> turns;
            for (int i = 0; i < turns; i++) {
                Turn t;
                cin >> t.box.x1 >> t.box.y1 >> t.box.x2 >> t.box.y2 >> pads;
                for (int k = 0; k < pads; k++) { string net; Pad q; cin >> net >> q.x >> q.y; q.net = net_id(net); t.pads.push_back(q); }
                p.turns.push_back(t);
            }
            for (auto& q : p.turns[0].pads) p.nets.push_back(q.net);
            sort(p.nets.begin(), p.nets.end());
            p.nets.erase(unique(p.nets.begin(), p.nets.end()), p.nets.end());
            for (int n : p.nets) members[n].push_back(static_cast<int>(parts.size()));
            parts.push_back(p);
        }
    }
    uniform_real_distribution<double> real(0, 1);
    vector<int> order(parts.size());
    for (size_t i = 0; i < order.size(); i++) order[i] = static_cast<int>(i);
    auto area = [&](int i) { const Box& b = parts[i].turns[0].box; return (b.x2 - b.x1) * (b.y2 - b.y1); };
    auto room = [&](int i) { double sum = 0; for (const Box& a : parts[i].areas) sum += (a.x2 - a.x1) * (a.y2 - a.y1); return sum; };
    sort(order.begin(), order.end(), [&](int a, int b) { return make_tuple(area(a) < 12, room(a), -area(a)) < make_tuple(area(b) < 12, room(b), -area(b)); });
    for (int i : order) {  // the most cramped first, packed from the upper left; those with much room anywhere
        Part& p = parts[i];
        vector<tuple<double, double, int>> spots;
        for (const Box& a : p.areas)
            for (double y = a.y1; y < a.y2; y += step)
                for (double x = a.x1; x < a.x2; x += step)
                    for (int t = 0; t < 2 && t < static_cast<int>(p.turns.size()); t++) {
                        double sx = gx1 + round((x - gx1) / step) * step, sy = gy1 + round((y - gy1) / step) * step;
                        Box b = at(p, sx, sy, t);
                        if (allowed(p, b) && is_free(b)) spots.emplace_back(sx, sy, t);
                    }
        if (spots.empty()) { fprintf(stderr, "no room for %s\n", p.name.c_str()); return 2; }
        tie(p.x, p.y, p.turn) = spots[room(i) > 3400 ? rng() % spots.size() : 0];
        fill(at(p, p.x, p.y, p.turn), 1);
    }
    vector<double> cost(weight.size());
    double total = 0;
    for (size_t n = 0; n < cost.size(); n++) total += cost[n] = length(static_cast<int>(n));
    fprintf(stderr, "start %.0f mm\n", total);
    double hot = 30, cold = 0.05;
    for (long m = 0; m < moves; m++) {
        double heat = hot * pow(cold / hot, static_cast<double>(m) / moves);
        Part& p = parts[rng() % parts.size()];
        double span = max(1.5, 60 * (1 - static_cast<double>(m) / moves)), ox = p.x, oy = p.y;
        int ot = p.turn, t = real(rng) < .3 ? static_cast<int>(rng() % p.turns.size()) : ot;
        double x = ox + (2 * real(rng) - 1) * span, y = oy + (2 * real(rng) - 1) * span;
        x = gx1 + round((x - gx1) / step) * step;
        y = gy1 + round((y - gy1) / step) * step;
        Box next = at(p, x, y, t);
        if (!allowed(p, next)) continue;
        fill(at(p, ox, oy, ot), 0);
        if (is_free(next)) {
            p.x = x; p.y = y; p.turn = t;
            double change = 0;
            vector<double> fresh;
            for (int n : p.nets) { fresh.push_back(length(n)); change += fresh.back() - cost[n]; }
            if (change <= 0 || real(rng) < exp(-change / heat)) {
                for (size_t k = 0; k < p.nets.size(); k++) cost[p.nets[k]] = fresh[k];
                total += change;
            } else { p.x = ox; p.y = oy; p.turn = ot; }
        }
        fill(at(p, p.x, p.y, p.turn), 1);
    }
    fprintf(stderr, "end %.0f mm\n", total);
    for (auto& p : parts) printf("%s %.4f %.4f %d\n", p.name.c_str(), p.x, p.y, p.turn * 90);
}
