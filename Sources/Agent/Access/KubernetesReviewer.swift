internal import Kubernetes

/// Asks Kubernetes about tokens that no file has.
struct KubernetesReviewer: TokenReviewer {
    let reviews: TokenReviews

    func review(_ token: String, _ path: String) async -> TokenVerdict {
        switch await reviews.review(token, path: path) {
        case .allowed(let end): .allowed(until: end)
        case .forbidden: .forbidden
        case .unknown: .unknown
        case .unanswered: .unanswered
        }
    }

    func allowance(of token: String, _ path: String) -> ContinuousClock.Instant? {
        reviews.allowance(of: token, path: path)
    }

    func close() async { await reviews.close() }
}
