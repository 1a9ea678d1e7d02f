internal import Synchronization
package import Workloads

/// Passes names from background sources to the tick, and lookups from the tick to them. The tick never waits: it takes
/// the whole list that has accumulated, or nothing.
package final class NameFeed: Sendable {
    package struct Update: Sendable {
        package let key: NameKey
        package let id: String
        package let source: NameSource
        /// nil where the source no longer has the workload.
        package let facts: [String: String]?

        package init(_ key: NameKey, id: String = "", source: NameSource, facts: [String: String]?) {
            self.key = key
            self.id = id
            self.source = source
            self.facts = facts?.mapValues(boundedName)
        }
    }

    /// Health of one source.
    package struct State: Sendable, Equatable {
        package let name: String
        package var isUp = true
        package var errors: UInt64 = 0
        package var lastError: String?

        package init(name: String, isUp: Bool = true, errors: UInt64 = 0, lastError: String? = nil) {
            self.name = name
            self.isUp = isUp
            self.errors = errors
            self.lastError = lastError
        }
    }

    /// As many as ``NameTable`` holds.
    private static let limit = 50_000
    private let health = Mutex<[State]>([])
    private struct Place: Hashable {
        let key: NameKey
        let source: NameSource
    }

    private struct Waiting {
        /// Only the latest update of each source for each workload, so that the list stays bounded when ticks stall.
        var updates: [Place: Update] = [:]
        /// Updates and lookups for which there was no room.
        var refused: UInt64 = 0
    }

    private let waiting = Mutex(Waiting())
    private let listeners = Mutex<[@Sendable (CgroupIdentity) -> Void]>([])

    package init() {}

    /// - Parameter listener: called for every workload that appears; must return at once.
    package func listen(_ listener: @escaping @Sendable (CgroupIdentity) -> Void) {
        listeners.withLock { $0.append(listener) }
    }

    /// The sources that have reported, in the order in which they first did.
    package var states: [State] { health.withLock(\.self) }

    /// - Parameter error: why the source cannot be read; nil while it can.
    package func report(_ source: String, error: String?) {
        health.withLock { states in
            let index = states.firstIndex { $0.name == source } ?? states.endIndex
            if index == states.endIndex { states.append(State(name: source)) }
            states[index].isUp = error == nil
            states[index].errors += error == nil ? 0 : 1
            states[index].lastError = error ?? states[index].lastError
        }
    }

    package func publish(_ fresh: [Update]) {
        guard !fresh.isEmpty else { return }
        waiting.withLock { waiting in
            for update in fresh {
                let place = Place(key: update.key, source: update.source)
                guard waiting.updates.count < Self.limit || waiting.updates[place] != nil else {
                    waiting.refused += 1
                    continue
                }
                waiting.updates[place] = update
            }
        }
    }

    /// Counts a name or lookup that a source has no room for.
    package func refuse() {
        waiting.withLock { $0.refused += 1 }
    }

    package func ask(for identity: CgroupIdentity) {
        for listener in listeners.withLock(\.self) { listener(identity) }
    }

    package func drain(into names: inout NameTable, at now: Double) {
        let fresh = waiting.withLock { waiting in
            defer { waiting = Waiting() }
            return waiting
        }
        names.addRefused(fresh.refused)
        for update in fresh.updates.values {
            if let facts = update.facts {
                names.set(facts, for: update.key, id: update.id, from: update.source)
            } else {
                names.remove(update.key, from: update.source, at: now)
            }
        }
    }
}
