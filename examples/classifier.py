import tensorflow as tf
from tensorflow import keras
import numpy as np

# 模拟二分类数据
x_train = np.random.random((1000, 20))
y_train = np.random.randint(2, size=(1000, 1))

model = keras.Sequential([
    keras.layers.Dense(64, activation='relu', input_shape=(20,)),
    keras.layers.Dropout(0.5),
    keras.layers.Dense(64, activation='relu'),
    keras.layers.Dense(1, activation='sigmoid')
])

model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])
model.fit(x_train, y_train, epochs=5, batch_size=32)
