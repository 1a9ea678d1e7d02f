import TestSupport
import Testing

@testable import Engine

@Suite struct ViewCacheTests {
    private struct View: Equatable {
        var description: String
        var figure = ""
    }

    /// Random series of changes against a plain dictionary; snapshots that a reader keeps never change.
    @Test(arguments: [1, 2, 3] as [UInt64]) func viewsAreWhatWasSetInTheOrderOfPlaces(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var cache = ViewCache<View>()
        var model: [Int: View] = [:]
        var kept: [(views: [View], copy: [View])] = []
        for round in 0..<400 {
            cache.beginUpdate()
            for step in 0..<Int.random(in: 0...6, using: &generator) {
                let place = Int.random(in: 0..<12, using: &generator)
                let text = "\(round).\(step)"
                switch Int.random(in: 0..<5, using: &generator) {
                case 0 where round % 3 == 0:
                    cache.remove(place)
                    model[place] = nil
                case 1...3 where cache.contains(place):
                    cache.update(place) { $0.figure = text }
                    model[place]?.figure = text
                default:
                    guard round % 3 == 0 || cache.contains(place) else { continue }
                    cache.set(View(description: text), at: place)
                    model[place] = View(description: text)
                }
            }
            cache.publish()
            #expect(cache.views == model.sorted { $0.key < $1.key }.map(\.value))
            if round % 5 == 0 { kept.append((cache.views, cache.views.map(\.self))) }
            if kept.count > 3 { kept.removeFirst() }
            for pair in kept { #expect(pair.views == pair.copy) }
        }
    }

    @Test func nothingChangedIsNothingChanged() {
        var cache = ViewCache<Int>()
        cache.beginUpdate()
        for place in 0..<3 { cache.set(place, at: place) }
        cache.publish()
        for round in 1...3 {
            cache.beginUpdate()
            cache.update(1) { $0 = 10 * round }
            cache.publish()
            #expect(cache.views == [0, 10 * round, 2])
            cache.beginUpdate()
            cache.publish()
            #expect(cache.views == [0, 10 * round, 2])
        }
    }
}
