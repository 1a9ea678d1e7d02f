internal import Kubernetes
internal import ServiceLifecycle

/// Follows this node's pods until shutdown. Never ends by itself: without Kubernetes the agent goes on.
struct KubernetesService: Service {
    let names: KubernetesNames

    func run() async {
        await cancelWhenGracefulShutdown { await names.run() }
    }
}
