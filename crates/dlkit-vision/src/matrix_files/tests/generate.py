"""Writes the files of matrices that the tests read, with OpenCV and NumPy.
Usage: python3 generate.py (in this folder)"""
import cv2
import numpy

H = numpy.array([
    [1.8999104859715013, 0.5582037887987061, -813.1482373020962],
    [0.4085864515992385, 2.292623978417946, -633.2863007315079],
    [0.0008239470532764692, 0.0013236955239177592, 1.0],
])
AFFINE = H[:2]


def storage(name, matrices):
    file = cv2.FileStorage(name, cv2.FILE_STORAGE_WRITE)
    for key, value in matrices.items():
        file.write(key, value)
    file.release()


storage("opencv.yml", {"H": H})
storage("opencv.xml", {"H": H})
storage("opencv.json", {"H": H})
storage("affine.yml", {"M": AFFINE})
storage("single.xml", {"H": H.astype(numpy.float32)})
# A calibration: the homography is found by its name among other matrices, texts and numbers.
camera = numpy.array([[900.0, 0, 320], [0, 900, 240], [0, 0, 1]])
for ending in ("yml", "xml", "json"):
    storage(f"calibration.{ending}", {
        "note": "taken: in [the] hall, 3 x 3",
        "image_width": 640,
        "camera_matrix": camera,
        "distortion": numpy.array([[0.1, -0.2, 0, 0, 0.01]]),
        "homography": H,
    })
storage("two.yml", {"A": H, "B": camera})
for ending in ("yml", "xml", "json"):
    file = cv2.FileStorage(f"base64.{ending}", cv2.FILE_STORAGE_WRITE_BASE64)
    file.write("H", H)
    file.release()
numpy.savetxt("numpy.txt", H, header="a homography")
numpy.savetxt("numpy.csv", H, delimiter=",")
numpy.save("double.npy", H)
numpy.save("single.npy", H.astype("<f4"))
numpy.save("fortran.npy", numpy.asfortranarray(AFFINE))
open("printed.txt", "w").write(str(H) + "\n")
open("repr.txt", "w").write("H = np." + repr(H) + "\n")
