"""WRN and ResNet of the same definition in Keras on TensorFlow. Usage: keras_peer.py THREADS"""
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras
import tensorflow as tf

from protocol import serve

THREADS = int(sys.argv[1])
L = keras.layers


def conv(outputs, kernel, stride):
    return L.Conv2D(outputs, kernel, stride, "same", use_bias=False, kernel_initializer="he_normal")


def bn(x):
    return L.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def bn_relu(x):
    return L.ReLU()(bn(x))


def wide_resnet(image, depth, width):
    x, channels = conv(16, 3, 1)(image), 16
    for stage, base in enumerate((16, 32, 64)):
        for i in range((depth - 4) // 6):
            stride, filters = (2 if stage > 0 and i == 0 else 1), base * width
            a = bn_relu(x)
            y = conv(filters, 3, 1)(bn_relu(conv(filters, 3, stride)(a)))
            x = L.Add()([y, x if channels == filters else conv(filters, 1, stride)(a)])
            channels = filters
    return bn_relu(x)


def resnet_cifar(image, depth):
    x, channels = bn_relu(conv(16, 3, 1)(image)), 16
    for stage, filters in enumerate((16, 32, 64)):
        for i in range((depth - 2) // 6):
            stride = 2 if stage > 0 and i == 0 else 1
            y = bn(conv(filters, 3, 1)(bn_relu(conv(filters, 3, stride)(x))))
            if channels != filters:
                pad = (filters - channels) // 2
                x = L.Lambda(lambda v, p=pad: tf.pad(v[:, ::2, ::2], [[0, 0], [0, 0], [0, 0], [p, p]]))(x)
            x, channels = L.ReLU()(L.Add()([y, x])), filters
    return x


def prepare(case):
    keras.utils.set_random_seed(0)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if case["precision"] == "bf16" else "float32")
    size, batch = case["size"], case["batch"]
    image = keras.Input((size, size, 3), batch_size=batch)
    if case["family"] == "wide-resnet":
        x = wide_resnet(image, case["depth"], case["width"])
    else:
        x = resnet_cifar(image, case["depth"])
    model = keras.Model(image, L.Dense(10, dtype="float32")(L.GlobalAveragePooling2D()(x)))
    pixels, labels = tf.random.uniform((batch, size, size, 3)), tf.range(batch) % 10
    if case["mode"] == "infer":
        forward = tf.function(lambda v: model(v, training=False))
        return lambda: forward(pixels).numpy()
    optimizer = keras.optimizers.SGD(0.01, 0.9, nesterov=True)
    optimizer.build(model.trainable_variables)
    loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    @tf.function
    def train(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        decayed = [g + 5e-4 * v for g, v in zip(gradients, model.trainable_variables)]
        optimizer.apply_gradients(zip(decayed, model.trainable_variables))
        return loss

    return lambda: float(train(pixels, labels))


tf.config.threading.set_intra_op_parallelism_threads(THREADS)
serve(f"{keras.__version__} on TensorFlow {tf.__version__}", prepare)
